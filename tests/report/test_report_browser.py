"""The page in a real browser: both widths, both languages, both lights, no network, no errors."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from tests.report.report_documents import document

from lingqu.report.html import render

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
OVERFLOW = "return document.documentElement.scrollWidth - innerWidth"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = Service(os.environ.get("CHROMEDRIVER", "/usr/bin/chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("LINGQU_LANGUAGE", "en")
    content = document()
    content["data"]["columns"][0]["name"] = "a_column_with_a_very_long_name_" * 6
    content["channel_text"] = "channel: " + "x" * 400
    (tmp_path / "report.html").write_text(render(content), encoding="utf-8")
    return (tmp_path / "report.html").as_uri()


def show(browser: webdriver.Chrome, page: str, width: int) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get("about:blank")
    browser.get(page)


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390])
def test_page_fits_and_works(browser: webdriver.Chrome, page: str, width: int) -> None:
    show(browser, page, width)
    heading = browser.find_element(By.CSS_SELECTOR, "#data h2")
    assert browser.execute_script(OVERFLOW) <= 0
    assert heading.text == "Data"

    browser.find_element(By.ID, "language").click()
    assert heading.text == "数据"
    assert browser.title == "pets · 0.9556 — 灵渠报告"
    assert browser.current_url.endswith("#zh")
    assert browser.execute_script(OVERFLOW) <= 0
    browser.refresh()
    assert browser.find_element(By.CSS_SELECTOR, "#data h2").text == "数据"

    before = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    browser.find_element(By.ID, "light").click()
    after = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert before != after
    assert browser.current_url.endswith(("#zh,dark", "#zh,light"))

    drawn = browser.execute_script(
        "return [...document.querySelectorAll('.path')].map(e => e.getClientRects().length > 0)"
    )
    assert drawn == [width == 1280, width == 390]


@pytest.mark.slow
def test_no_column_is_hidden_on_a_telephone(browser: webdriver.Chrome, page: str) -> None:
    wider = "return arguments[0].scrollWidth - arguments[0].clientWidth"
    label = "return getComputedStyle(arguments[0], '::before').content"
    show(browser, page, 390)
    boxes = browser.find_elements(By.CSS_SELECTOR, ".cards")
    assert len(boxes) > 8
    assert [browser.execute_script(wider, box) for box in boxes] == [0] * len(boxes)
    cell = browser.find_element(By.CSS_SELECTOR, "#algorithm td[data-label=Cost]")
    assert browser.execute_script(label, cell) == '"Cost"'
    browser.find_element(By.ID, "language").click()
    assert browser.execute_script(label, cell) == '"开销"'
    show(browser, page, 1280)
    cell = browser.find_element(By.CSS_SELECTOR, "#algorithm td[data-label=Cost]")
    assert browser.execute_script(label, cell) == "none"


@pytest.mark.slow
def test_findings_are_sifted_and_samples_speak(browser: webdriver.Chrome, page: str) -> None:
    show(browser, page, 1280)
    rows = browser.find_elements(By.CSS_SELECTOR, "#found tbody tr")
    browser.find_element(By.ID, "search").send_keys("robustness shift")
    assert [row.is_displayed() for row in rows].count(True) == 1
    browser.find_element(By.ID, "search").send_keys(Keys.CONTROL, "a", Keys.DELETE)
    browser.find_element(By.CSS_SELECTOR, "[data-only=fail]").send_keys(Keys.ENTER)
    assert [row.is_displayed() for row in rows].count(True) == 2

    browser.find_element(By.CSS_SELECTOR, ".tile.wrong").send_keys(Keys.ENTER)
    told = browser.find_element(By.ID, "told").text
    assert told == "Wrong: true dog, predicted cat, confidence 91.0%"
    browser.find_element(By.ID, "wrong-only").send_keys(Keys.SPACE)
    tiles = browser.find_elements(By.CSS_SELECTOR, ".tile")
    assert [tile.is_displayed() for tile in tiles].count(True) == 2


@pytest.mark.slow
def test_page_asks_for_nothing_and_complains_of_nothing(
    browser: webdriver.Chrome, page: str
) -> None:
    browser.get_log("performance")
    browser.get_log("browser")
    show(browser, page, 1280)
    browser.find_element(By.ID, "language").click()
    messages = [json.loads(e["message"])["message"] for e in browser.get_log("performance")]
    asked = [
        m["params"]["request"]["url"]
        for m in messages
        if m["method"] == "Network.requestWillBeSent"
    ]
    assert any(url.startswith("file:") for url in asked)
    assert all(url.startswith(("file:", "data:", "about:")) for url in asked)
    assert browser.get_log("browser") == []
