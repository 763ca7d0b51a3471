"""The page's section of tests: every comparison of the summary, read both ways."""

from __future__ import annotations

import copy
from html import unescape

import pytest

from bioinstruct.report import page_tests, wording


def rows_of(html, caption):
    """Cells of the table whose caption begins so."""
    table = html.split(f"<caption>{caption}")[1].split("</table>")[0]
    cells = [row.replace("</th>", "</td>").split("</td>")[:-1] for row in table.split("<tbody>")[1].split("<tr")[1:]]
    return [[unescape(cell.rsplit(">", 1)[1]) for cell in row] for row in cells]


def test_each_comparison_is_a_table_of_all_tasks(reported):
    html = str(page_tests.tests(reported.data))
    for other, title in page_tests.OTHERS.items():
        rows = {row[0]: row for row in rows_of(html, f"Tuned against {title}: 6 tests")}
        assert list(rows) == list(reported.data["tasks"])
        for name, row in rows.items():
            one = reported.data["comparisons"][name]["tests"][other]["strict"]
            assert row[1:] == [
                wording.points(one["estimate"]["value"]),
                wording.spread(one["estimate"]),
                str(one["higher"]),
                str(one["lower"]),
                "McNemar" if one["mcnemar"] else "Student\u2019s t",
                wording.probability(one["p"]),
                wording.probability(one["mcnemar"]["exact"]) if one["mcnemar"] else wording.NONE,
                wording.probability(one["adjusted"]),
                wording.NONE if one["smallest"] is None else wording.score(one["smallest"]),
            ]
    assert reported.data["tests"]["rule"].replace("'", "&#x27;") in html


def test_strict_and_graded_only_stand_side_by_side_with_the_counts(reported):
    rows = rows_of(str(page_tests.tests(reported.data)), "Strict (an item without a grade counts as 0)")
    settings = [one for models in reported.data["tasks"].values() for those in models.values() for one in those.values()]
    assert len(rows) == len(settings)
    for row, one in zip(rows, settings, strict=True):
        assert row[3] == wording.score(one["value"])
        assert row[5] == (wording.NONE if one["graded_only"] is None else wording.score(one["graded_only"]["value"]))
        assert int(row[7]) == one["n"] == sum(map(int, row[8:]))
    assert any(row[3] != row[5] for row in rows)


def test_graded_only_tests_are_left_out_where_they_are_the_same(reported):
    assert ", items that both have graded: " in str(page_tests.tests(reported.data))
    data = copy.deepcopy(reported.data)
    for task in data["comparisons"].values():
        for found in task["tests"].values():
            found["graded_only"] = found["strict"]
    assert "items that both have graded: " not in str(page_tests.tests(data))


def test_a_run_without_control_or_tuned_model_says_so(from_file):
    html = str(page_tests.tests(from_file.data))
    assert "Tuned against the strongest base: 2 tests" in html
    assert "Tuned against the shuffled control" not in html
    data = copy.deepcopy(from_file.data)
    for task in data["comparisons"].values():
        task["tests"] = dict.fromkeys(task["tests"])
    assert "there is nothing to test" in str(page_tests.tests(data))


@pytest.mark.parametrize(("p", "shown"), [(None, "\u2013"), (0.0, "< 0.001"), (0.0009, "< 0.001"), (0.0312, "0.031"), (1.0, "1.000")])
def test_probabilities_read_as_in_papers(p, shown):
    assert wording.probability(p) == shown
