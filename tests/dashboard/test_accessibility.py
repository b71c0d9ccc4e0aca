"""Every page by axe-core, in both themes and at both widths: nothing serious, nothing critical."""

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]  # fmt: skip
_PACKAGE = find_spec("axe_playwright_python")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium at /usr/bin/chromium"),
    pytest.mark.skipif(_PACKAGE is None, reason="needs axe-core, which the development dependency axe-playwright-python carries"),
    pytest.mark.xdist_group("browser"),
]  # fmt: skip

PAGES = {
    "overview": "/",
    "target": "/target?id=amnesty-org",
    "hostile target": "/target?id=hostile",
    "campaign": "/campaign?id=defend",
    "vantage points": "/vantage-points",
    "measurement": "/measurement?id={ok}",
    "blocked measurement": "/measurement?id={blocked}",
    "unknown": "/target?id=nowhere",
    "rules": "/rules",
    "API": "/api/v1/docs",
}
STATIC = {"rules", "API"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def axe() -> str:
    assert _PACKAGE is not None
    assert _PACKAGE.origin is not None
    (script,) = Path(_PACKAGE.origin).parent.rglob("axe.min.js")
    return script.read_text("utf-8")


def findings(page: Page, axe: str) -> list[str]:
    """Returns what axe-core finds serious or critical: rule, element, why."""
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert found["testEngine"]["name"] == "axe-core"
    assert len(found["passes"]) > 5
    return [
        f"{violation['impact']} {violation['id']}: {json.dumps(node['target'])} {node['html'][:200]} {node['failureSummary'][:300]}"
        for violation in found["violations"]
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"][:4]
    ]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_or_critical_on_a_page_at_either_width(
    browser: Browser, web: Any, kit: Any, axe: str, name: str, scheme: Any
) -> None:
    newest = {
        key: kit.get(web, f"/api/v1/measurements?target={target}&outcome={outcome}&limit=1")["measurements"][0]["id"]
        for key, target, outcome in (("ok", "rsf-org", "ok"), ("blocked", "amnesty-org", "confirmed"))
    }
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900})
    try:
        page = context.new_page()
        page.goto(web.url + PAGES[name].format(**newest))
        if name not in STATIC:
            page.wait_for_selector(".ww-foot", timeout=60_000)
            expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=60_000)
            page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        assert findings(page, axe) == []
        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_timeout(300)
        assert findings(page, axe) == []
    finally:
        context.close()


def test_axe_does_find_what_is_wrong_when_something_is(browser: Browser, axe: str) -> None:
    page = browser.new_page()
    page.set_content(
        "<html lang='en'><title>x</title><main><h1>x</h1><img src='data:,'><p style='color:#ccc;background:#fff'>pale</p></main>"
    )
    found = findings(page, axe)
    page.close()
    assert any("image-alt" in line for line in found)
    assert any("color-contrast" in line for line in found)
