"""The data report in a real browser: widths, languages, lights, keys, no network, no errors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from tests.report.data_documents import data_document
from tests.report.test_report_browser import OVERFLOW, browser, show  # noqa: F401

from lingqu.report.data_html import render_data


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("LINGQU_LANGUAGE", "en")
    content = data_document()
    content["columns"]["shown"][0]["name"] = "a_column_with_a_very_long_name_" * 6
    (tmp_path / "page.html").write_text(render_data(content), encoding="utf-8")
    return (tmp_path / "page.html").as_uri()


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_and_speaks_both_languages(
    browser: webdriver.Chrome,  # noqa: F811
    page: str,
    width: int,
) -> None:
    show(browser, page, width)
    heading = browser.find_element(By.CSS_SELECTOR, "#copies h2")
    assert heading.text == "Copies"
    browser.execute_script("for (const d of document.querySelectorAll('details')) d.open = true")
    assert browser.execute_script(OVERFLOW) <= 0
    browser.find_element(By.ID, "language").click()
    assert heading.text == "重复"
    assert browser.title == "visits — 灵渠数据报告"
    assert browser.execute_script(OVERFLOW) <= 0
    before = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    browser.find_element(By.ID, "light").click()
    after = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert before != after
    shown = browser.execute_script(
        "return [...document.images].every(i => i.complete && i.naturalWidth > 0)"
    )
    assert shown
    errors = [line for line in browser.get_log("browser") if line["level"] == "SEVERE"]
    assert errors == []
    asked = [
        json.loads(line["message"])["message"]["params"]["request"]["url"]
        for line in browser.get_log("performance")
        if "Network.requestWillBeSent" in line["message"] and '"request"' in line["message"]
    ]
    assert not [url for url in asked if url.startswith("http")]


@pytest.mark.slow
def test_keys_reach_what_opens_and_what_copies(
    browser: webdriver.Chrome,  # noqa: F811
    page: str,
) -> None:
    show(browser, page, 1280)
    summary = browser.find_element(By.CSS_SELECTOR, "#scores summary")
    details = summary.find_element(By.XPATH, "..")
    assert details.get_attribute("open") is None
    summary.send_keys(Keys.ENTER)
    assert details.get_attribute("open") is not None
    button = browser.find_element(By.CSS_SELECTOR, "#done button.copy")
    button.send_keys(Keys.ENTER)
    copied = browser.execute_script("return document.activeElement.dataset.copy")
    assert copied == "lingqu data undo visits --operator dedupe"
    search = browser.find_element(By.ID, "search")
    search.send_keys("leakage")
    left = browser.find_elements(By.CSS_SELECTOR, "#found tbody tr:not([hidden])")
    assert len(left) == 1
