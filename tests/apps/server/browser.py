"""A real Chromium for tests of the studio: every page in it must ask only its own server, and complain of nothing."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed (pip install playwright)")
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Route, ViewportSize, expect, sync_playwright

__all__ = ["Browser", "Page", "Route", "expect"]

expect.set_options(timeout=10_000)

Scheme = Literal["light", "dark"]
WIDE = ViewportSize(width=1200, height=800)
PHONE = ViewportSize(width=390, height=844)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, else the one that `playwright install chromium` fetched; skips where there is neither."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    # As root, as in most containers, Chromium does not start with its sandbox
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as driver:
        try:
            browser = driver.chromium.launch(executable_path=found, args=arguments)
        except Error as error:
            pytest.skip(f"Chromium does not start here: {str(error).splitlines()[0]}")
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def open_page(
    browser: Browser, url: str, locale: str = "en-US", scheme: Scheme = "light", size: ViewportSize = WIDE
) -> Iterator[Page]:
    """A fresh visitor at `url`. At the end: no request went elsewhere, nothing was refused or complained of."""
    context = browser.new_context(locale=locale, color_scheme=scheme, viewport=size, service_workers="block")
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints: list[str] = []
    origin = "/".join(url.split("/")[:3])

    def heard(said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            complaints.append(said.text)

    context.on("console", heard)
    context.on("weberror", lambda failed: complaints.append(str(failed.error)))
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page.goto(url)
    try:
        yield page
        assert asked
        assert [one for one in asked if not one.startswith((f"{origin}/", f"blob:{origin}/"))] == []
        assert complaints == []
    finally:
        context.close()
