"""The pages in a real browser: themes and widths, nothing from elsewhere, hostile text harmless, permalinks, keyboard."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from models.store import Judged, open_store
from models.verdict import Verdict
from models.words import Outcome

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium at /usr/bin/chromium"),
    pytest.mark.xdist_group("browser"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield opened
        opened.close()


@dataclass
class Visit:
    """A page, and what it did that it should not."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.page.goto(self.url + path)
        self.page.wait_for_selector(".ww-foot", timeout=60_000)
        expect(self.page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=60_000)
        return self.page


@contextmanager
def visiting(browser: Browser, url: str, **options: Any) -> Iterator[Visit]:
    context = browser.new_context(**options)
    visit = Visit(context.new_page(), url)
    own = (url, url.replace("http", "ws", 1), "data:", "blob:")
    visit.page.on("console", lambda m: visit.complaints.append(m.text) if m.type in {"error", "warning"} else None)
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on("dialog", lambda dialog: visit.complaints.append(f"dialog: {dialog.message}"))
    visit.page.on("request", lambda r: None if r.url.startswith(own) else visit.complaints.append(f"foreign: {r.url}"))
    try:
        yield visit
    finally:
        context.close()


def newest(kit: Any, web: Any, target: str, outcome: str) -> str:
    found = kit.get(web, f"/api/v1/measurements?target={target}&outcome={outcome}&limit=1")
    return str(found["measurements"][0]["id"])


TOO_WIDE = "document.querySelector('.stMain').scrollWidth - document.querySelector('.stMain').clientWidth"
PAGES = {
    "overview": "/",
    "target": "/target?id=amnesty-org",
    "hostile target": "/target?id=hostile",
    "campaign": "/campaign?id=defend",
    "vantage points": "/vantage-points",
    "measurement": "/measurement?id={ok}",
    "blocked measurement": "/measurement?id={blocked}",
    "unknown": "/target?id=<script>alert(1)</script>",
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_is_whole_quiet_and_ours_alone_at_each_width(
    browser: Browser, web: Any, kit: Any, name: str, scheme: Any
) -> None:
    path = PAGES[name].format(
        ok=newest(kit, web, "rsf-org", "ok"), blocked=newest(kit, web, "amnesty-org", "confirmed")
    )
    with visiting(browser, web.url, color_scheme=scheme, viewport={"width": 1280, "height": 900}) as visit:
        page = visit.open(path)
        assert page.locator("h1").count() == 1
        assert page.evaluate("getComputedStyle(document.querySelector('.stApp')).colorScheme") == scheme
        assert page.evaluate(TOO_WIDE) <= 0
        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_timeout(400)
        assert page.evaluate(TOO_WIDE) <= 0
        assert page.title() != "pwned"
        assert page.locator("img[onerror]").count() == 0
        assert visit.complaints == []


def test_the_policy_is_in_force_in_the_browser(browser: Browser, web: Any) -> None:
    with visiting(browser, web.url) as visit:
        page = visit.open("/")
        page.evaluate("document.head.append(Object.assign(document.createElement('script'), {text: 'window.ran = 1'}))")
        assert page.evaluate("window.ran") is None
        assert page.evaluate("fetch('https://example.org/').then(() => 'got it', () => 'refused')") == "refused"
        assert any("Content Security Policy" in text for text in visit.complaints)


def test_a_permalink_opens_what_it_promises_when_it_carries_filters(browser: Browser, web: Any) -> None:
    with visiting(browser, web.url) as visit:
        page = visit.open("/?campaign=defend&state=restricted&q=change")
        assert page.locator(".ww-matrix tbody tr").count() == 1
        assert "change-org" in page.locator(".ww-matrix tbody").inner_text()
        assert page.get_by_label("Search").input_value() == "change"


def test_a_filter_that_is_typed_stands_in_the_address(browser: Browser, web: Any) -> None:
    with visiting(browser, web.url) as visit:
        page = visit.open("/")
        page.get_by_label("Search").fill("rsf")
        page.get_by_label("Search").press("Enter")
        expect(page.locator(".ww-matrix tbody tr")).to_have_count(1)
        assert "q=rsf" in page.url


def test_a_headline_count_leads_to_the_targets_it_counts(browser: Browser, web: Any) -> None:
    with visiting(browser, web.url) as visit:
        page = visit.open("/")
        page.locator(".ww-counts a", has_text="restricted").click()
        expect(page.locator(".ww-matrix tbody tr")).to_have_count(1)
        assert "state=restricted" in page.url


def test_a_cell_leads_to_its_target_and_the_walk_of_its_vantage_point(browser: Browser, web: Any) -> None:
    with visiting(browser, web.url) as visit:
        page = visit.open("/")
        page.locator(".ww-matrix a.ww-cell[href*='id=amnesty-org'][href*='vantage=beijing']").click()
        page.wait_for_selector(".ww-steps")
        assert "Amnesty International" in page.locator("h1").inner_text()
        assert "sni_timeout" in page.locator(".ww-sheet .ww-facts").inner_text()


def test_every_bar_and_mark_has_a_name_and_every_cell_a_word(browser: Browser, web: Any) -> None:
    with visiting(browser, web.url) as visit:
        page = visit.open("/")
        assert page.locator(".ww-run").count() > 20
        assert page.locator(".ww-run:not([aria-label])").count() == 0
        assert all(re.fullmatch(r"[a-z ]+", text) for text in page.locator(".ww-cell .ww-state").all_inner_texts())
        page = visit.open("/target?id=amnesty-org")
        assert page.locator(".ww-mark").count() > 5
        assert page.locator(".ww-mark:not([aria-label])").count() == 0


def test_the_overview_is_usable_by_keyboard_alone(browser: Browser, web: Any) -> None:
    with visiting(browser, web.url) as visit:
        page = visit.open("/")
        for _ in range(80):
            page.keyboard.press("Tab")
            if "/target?id=" in (page.evaluate("document.activeElement.getAttribute('href')") or ""):
                break
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        page.keyboard.press("Enter")
        page.wait_for_url("**/target?id=*")


def test_the_target_page_says_an_episode_as_an_interval_with_its_count_of_checks(browser: Browser, web: Any) -> None:
    with visiting(browser, web.url) as visit:
        text = visit.open("/target?id=amnesty-org").locator(".stMain").inner_text()
        assert re.search(
            r"first observed blocked between \d+ \w+ \d{4}, \d\d:\d\d UTC and \d+ \w+ \d{4}, \d\d:\d\d UTC", text
        )
        assert "blocked on 160 of 160 checks" in text
        assert "already blocked when monitoring began" in text


def test_the_campaign_page_marks_claims_as_such_and_never_says_because(browser: Browser, web: Any) -> None:
    with visiting(browser, web.url) as visit:
        text = visit.open("/campaign?id=defend").locator(".stMain").inner_text()
        assert text.count("claim, not a measurement") == 4
        assert "Expired" in text
        assert "because" not in text.lower()
        assert '<a href="' + web.url + '/campaign?id=defend">' in text


def test_a_hostile_body_is_shown_as_text_when_it_is_opened(browser: Browser, web: Any, kit: Any) -> None:
    with visiting(browser, web.url) as visit:
        page = visit.open(f"/measurement?id={newest(kit, web, 'rsf-org', 'ok')}")
        page.locator("summary", has_text="Body, as text").click()
        assert '<script>fetch("https://evil.example/")</script>' in page.locator("details[open] pre").inner_text()
        assert visit.complaints == []


def test_simulated_records_are_marked_on_every_page_whatever_the_configuration_says(
    browser: Browser, kit: Any, tmp_path: Path
) -> None:
    db = f"sqlite:///{tmp_path / 'simulated.sqlite'}"
    with open_store(db) as store:
        kit.fill(store, datetime.now(UTC), kit.STORY[:3], simulated=True)
    web = kit.start(db, kit.write_config(tmp_path / "targets.yaml"))
    try:
        with visiting(browser, web.url) as visit:
            for path in (
                "/",
                "/target?id=amnesty-org",
                "/campaign",
                "/vantage-points",
                f"/measurement?id={newest(kit, web, 'amnesty-org', 'ok')}",
            ):
                assert "Simulated." in visit.open(path).locator(".ww-banner.simulated").first.inner_text()
            assert visit.complaints == []
    finally:
        kit.stop(web)


def test_the_overview_says_who_is_offline_since_when_and_what_a_control_would_settle(
    browser: Browser, kit: Any, tmp_path: Path
) -> None:
    now, db = datetime.now(UTC), f"sqlite:///{tmp_path / 'offline.sqlite'}"
    whole = "Vantage point offline: the canaries failed too (generate-204: no reply)."
    blind = Verdict(outcome=Outcome.INCONCLUSIVE, rule="measurement.canary_failed", ruleset="x", reasons=(whole,))
    alone = Verdict(outcome=Outcome.INCONCLUSIVE, rule="tcp.uncontrolled", ruleset="x", reasons=("Connecting fails.",))
    with open_store(db) as store:
        for pair, verdict in ((kit.STORY[0], blind), (kit.STORY[4], alone)):
            store.put([Judged(kit.observed(pair, now, Outcome.INCONCLUSIVE, None), verdict)])
        canary = {"id": "generate-204", "held": False, "detail": "no reply"}
        left = {"working": False, "canaries": [canary], "failing_since": "2026-11-22T07:20:00+00:00"}
        store.put_status("vantage:henan", left, at=now)
    given = 'controls:\n  - {id: control-1, url: "https://control.example.org/"}'
    web = kit.start(db, kit.write_config(tmp_path / "targets.yaml", kit.CONFIG.replace(given, "controls: []")))
    try:
        with visiting(browser, web.url) as visit:
            page = visit.open("/")
            expect(page.locator(".ww-banner.offline")).to_have_count(1)
            said = page.locator(".ww-banner.offline").inner_text()
            assert (
                "Henan is offline since 22 Nov 2026, 07:20 UTC (generate-204: no reply). Nothing seen from there"
                in said
            )
            assert "1 state is inconclusive for want of a control." in page.locator(".ww-banner").nth(1).inner_text()
            cell = page.locator("a.ww-cell", has_text="vantage point offline")
            assert cell.get_attribute("title") == whole
            assert page.locator("a.ww-cell .why").all_inner_texts() == ["vantage point offline", "needs a control"]
            assert visit.complaints == []
    finally:
        kit.stop(web)


def test_a_page_says_what_comes_next_when_nothing_is_measured_and_what_is_wrong_when_the_file_is_broken(
    browser: Browser, kit: Any, tmp_path: Path
) -> None:
    config = kit.write_config(
        tmp_path / "targets.yaml",
        kit.CONFIG.replace('controls:\n  - {id: control-1, url: "https://control.example.org/"}', "controls: []"),
    )
    web = kit.start(f"sqlite:///{tmp_path / 'none.sqlite'}", config)
    try:
        with visiting(browser, web.url) as visit:
            text = visit.open("/").locator(".stMain").inner_text()
            assert "Nothing has been measured yet" in text
            assert "wallwatch control --listen 0.0.0.0:8080" in text
            config.write_text("version: 1\ntargets: [{id: x, url: <script>}]\n", "utf-8")
            visit.page.wait_for_timeout(2500)
            banner = visit.open("/").locator(".ww-banner.wrong").inner_text()
            assert "The configuration file has errors." in banner
            assert "stays in force" in banner
            assert visit.complaints == []
    finally:
        kit.stop(web)
