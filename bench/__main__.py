"""The command line: which benchmark, how many rows, how often."""

import argparse
import os
from pathlib import Path

from bench import benchmarks
from bench.server import Server


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f'"{text}" is not above zero')
    return number


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Compares imports with their peers.")
    parser.add_argument("benchmark", nargs="?", choices=benchmarks.ALL, help="which one; without it, each of them")
    parser.add_argument("--rows", type=positive, help="rows of the file")
    parser.add_argument("--repeat", type=positive, default=3, help="rounds (default: 3)")
    arguments = parser.parse_args()
    if arguments.rows and not arguments.benchmark:
        parser.error("--rows needs a benchmark")

    place = benchmarks.Place(
        Server(os.environ["RAPPORT_BENCH_URL"]),
        Path(os.environ["RAPPORT_BENCH_FOLDER"]),
        os.environ["RAPPORT_BENCH_PROGRAM"],
        os.environ["RAPPORT_BENCH_READER"],
    )
    place.server.load_customers()
    believable = True
    for name, benchmark in benchmarks.ALL.items():
        if arguments.benchmark in (None, name):
            believable &= benchmark.run(place, arguments.rows or benchmark.rows, arguments.repeat)
    return 0 if believable else 1


raise SystemExit(main())
