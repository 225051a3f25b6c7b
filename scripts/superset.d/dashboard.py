"""The datasets, the charts and the dashboard that they stand on."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from client import Superset

TITLE = "Customer interactions"
ADDRESS = "customer-interactions"
# Superset counts rows unless it is told otherwise, and a row of these views is not an interaction.
METRIC = {
    "metric_name": "interactions_total",
    "verbose_name": "Interactions",
    "expression": "SUM(interactions)",
    "metric_type": "sum",
}
# Types of customers are named after colours, and a customer called Red in blue would be a riddle.
COLOURS = {
    "Blue": "#3b7dd8", "Orange": "#f28e2b", "Red": "#d6453d", "Unknown": "#b8bec7",
    "Positive": "#4caf7d", "Neutral": "#e3c25b", "Negative": "#c95f6a",
    "Email": "#2a7f9e", "Call": "#5ab4ac", "Boat": "#c7a76c", "Bird": "#8c6bb1", "Post": "#d98880",
}
BARS = "echarts_timeseries_bar"
STACKED = {
    "stack": "Stack", "show_legend": True, "legendOrientation": "top", "legendType": "scroll",
    "rich_tooltip": True, "row_limit": 10000, "truncate_metric": True, "show_empty_columns": True,
    "y_axis_format": ",d", "color_scheme": "supersetColors",
}


@dataclass(frozen=True)
class Chart:
    """`dimensions` are what interactions are counted by: the axis first, then the colours."""

    title: str
    view: str
    dimensions: tuple[str, ...]
    kind: str
    width: int
    look: dict[str, Any] = field(hash=False)

    def form(self, dataset: int) -> dict[str, Any]:
        """What the editor of charts would have in its fields."""
        form = {"datasource": f"{dataset}__table", "viz_type": self.kind, "adhoc_filters": [], **self.look}
        if self.kind == BARS:
            axis, *colours = self.dimensions
            return {**form, "x_axis": axis, "groupby": colours, "metrics": [METRIC["metric_name"]]}
        return {**form, "groupby": list(self.dimensions), "metric": METRIC["metric_name"]}

    def query(self, dataset: int) -> dict[str, Any]:
        """What Superset answers for the chart's data when no browser asks."""
        query = {"columns": list(self.dimensions), "metrics": [METRIC["metric_name"]], "row_limit": 10000}
        return {
            "datasource": {"id": dataset, "type": "table"}, "queries": [query], "form_data": self.form(dataset),
            "result_format": "json", "result_type": "full",
        }


ROWS = (
    (
        Chart(
            "Interactions by month and channel", "monthly_activity", ("month", "channel"), BARS, 8,
            {**STACKED, "time_grain_sqla": "P1M", "x_axis_time_format": "%b %Y"},
        ),
        Chart(
            "Sentiment", "monthly_activity", ("sentiment",), "pie", 4,
            {
                "donut": True, "innerRadius": 40, "outerRadius": 64, "show_legend": False, "label_type": "key_value",
                "number_format": ",d", "show_labels": True, "labels_outside": True, "label_line": True,
                "show_total": True, "show_labels_threshold": 0, "sort_by_metric": True, "row_limit": 100,
                "color_scheme": "supersetColors",
            },
        ),
    ),
    (
        Chart(
            "Products by customer type", "interactions_per_product", ("product", "customer_type"), BARS, 5,
            {**STACKED, "show_value": True},
        ),
        Chart(
            "Topics by sentiment", "topic_sentiment", ("topic", "sentiment"), BARS, 7,
            {
                **STACKED, "orientation": "horizontal", "x_axis_sort": "sum",
                "x_axis_sort_asc": True,
            },
        ),
    ),
)
CHARTS = tuple(chart for row in ROWS for chart in row)


def make_datasets(superset: Superset, database: int) -> dict[str, int]:
    """One for each view that a chart reads, with the sum of interactions as its only metric."""
    datasets: dict[str, int] = {}
    for view in dict.fromkeys(chart.view for chart in CHARTS):
        comment = superset.get(f"database/{database}/table_metadata/", name=view, schema="bi")["comment"]
        datasets[view] = superset.post("dataset/", {"database": database, "schema": "bi", "table_name": view})["id"]
        # Superset takes over the comments of columns, and not that of the view. Without a month it
        # would let a filter for a period choose by refreshed_at.
        period = "month" if view == "monthly_activity" else None
        superset.put(f"dataset/{datasets[view]}", {
            "description": comment, "main_dttm_col": period, "metrics": [METRIC],
        })
    return datasets


def make_dashboard(superset: Superset, datasets: dict[str, int]) -> dict[Chart, int]:
    """Returns the numbers of its charts."""
    dashboard = superset.post("dashboard/", {"dashboard_title": TITLE, "slug": ADDRESS, "published": True})["id"]
    charts = {}
    for chart in CHARTS:
        dataset = datasets[chart.view]
        charts[chart] = superset.post("chart/", {
            "slice_name": chart.title, "viz_type": chart.kind, "dashboards": [dashboard],
            "datasource_id": dataset, "datasource_type": "table",
            "params": json.dumps(chart.form(dataset)), "query_context": json.dumps(chart.query(dataset)),
        })["id"]
    superset.put(f"dashboard/{dashboard}", {
        "position_json": json.dumps(dict(_layout(charts))), "json_metadata": json.dumps({"label_colors": COLOURS}),
    })
    return charts


def _layout(charts: dict[Chart, int]) -> Iterator[tuple[str, Any]]:
    """Rows of charts on a grid of twelve columns, in the words of Superset."""
    rows = [f"ROW-{number}" for number in range(len(ROWS))]
    yield "DASHBOARD_VERSION_KEY", "v2"
    yield "ROOT_ID", {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]}
    yield "HEADER_ID", {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": TITLE}}
    yield "GRID_ID", {"type": "GRID", "id": "GRID_ID", "children": ["HEADER-0", *rows], "parents": ["ROOT_ID"]}
    meta = {"text": TITLE, "headerSize": "LARGE_HEADER", "background": "BACKGROUND_TRANSPARENT"}
    parents = ["ROOT_ID", "GRID_ID"]
    yield "HEADER-0", {"type": "HEADER", "id": "HEADER-0", "children": [], "parents": parents, "meta": meta}
    for row, members in zip(rows, ROWS, strict=True):
        children = [f"CHART-{charts[chart]}" for chart in members]
        meta = {"background": "BACKGROUND_TRANSPARENT"}
        yield row, {"type": "ROW", "id": row, "children": children, "parents": parents, "meta": meta}
        for name, chart in zip(children, members, strict=True):
            place = {"chartId": charts[chart], "width": chart.width, "height": 47, "sliceName": chart.title}
            yield name, {"type": "CHART", "id": name, "children": [], "parents": [*parents, row], "meta": place}
