from __future__ import annotations

import pytest

from bioinstruct.report.markup import Markup, escape, join, tag


def test_text_is_escaped_and_markup_is_not():
    assert str(tag("p", "a < b & \"c\" 'd'", tag("b", "x"))) == "<p>a &lt; b &amp; &quot;c&quot; &#x27;d&#x27;<b>x</b></p>"
    assert str(tag("p", ["1", 2, None, ("<",)])) == "<p>12&lt;</p>"
    assert str(join("<", Markup("<br>"))) == "&lt;<br>"


def test_markup_put_into_text_is_escaped():
    assert str(tag("p", f"{tag('b', 'x')}")) == "<p>&lt;b&gt;x&lt;/b&gt;</p>"


def test_attributes_are_named_and_escaped():
    made = tag("rect", class_="a b", aria_label='say "<x>"', viewBox="0 0 1 1", x=1.50, y=-0.001, hidden=True, id=None, open=False)
    assert str(made) == '<rect class="a b" aria-label="say &quot;&lt;x&gt;&quot;" viewBox="0 0 1 1" x="1.5" y="0" hidden></rect>'


def test_void_elements_have_no_end_and_no_children():
    assert str(tag("meta", charset="utf-8")) == '<meta charset="utf-8">'
    with pytest.raises(ValueError, match="got children"):
        tag("br", "x")


@pytest.mark.parametrize("name", ["p onclick=x", "", "p>", "1p"])
def test_bad_names_are_refused(name):
    with pytest.raises(ValueError, match="element"):
        tag(name)
    with pytest.raises(ValueError, match="attribute"):
        tag("p", **{f"{name} ": "x"})


def test_characters_that_html_forbids_are_replaced():
    assert escape("a\x00b\x1bc\td\ne\r\nf\ud800") == "a\ufffdb\ufffdc\td\ne\nf\ufffd"
