"""Choices that stand in the URL by id. (Streamlit's own `bind` puts the words that are shown there instead.)"""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st


def one(place: Any, label: str, options: Mapping[str, str], key: str, *, empty: str | None = None) -> str | None:
    """Lets the reader choose one of the options (id to words); null when `empty` is said and nothing is chosen."""
    wanted, ids = st.query_params.get(key, ""), list(options)
    index = ids.index(wanted) if wanted in options else (None if empty is not None else 0)
    name = f"choice-{key}"
    chosen: str | None = place.selectbox(
        label,
        ids,
        index=index,
        format_func=_words(options),
        key=name,
        on_change=_remember(name, key),
        placeholder=empty,
    )
    return chosen


def several(place: Any, label: str, options: Mapping[str, str], key: str, *, empty: str) -> list[str]:
    """Lets the reader choose any of the options."""
    wanted = [value for value in st.query_params.get_all(key) if value in options]
    name = f"choice-{key}"
    chosen: list[str] = place.multiselect(
        label,
        list(options),
        default=wanted,
        format_func=_words(options),
        key=name,
        on_change=_remember(name, key),
        placeholder=empty,
    )
    return chosen


def segment(place: Any, label: str, options: Mapping[str, str], key: str, *, default: str) -> str:
    """Lets the reader choose one of a few options that are all in sight."""
    wanted = st.query_params.get(key)
    name = f"choice-{key}"
    chosen: str | None = place.segmented_control(
        label,
        list(options),
        default=wanted if wanted in options else default,
        format_func=_words(options),
        key=name,
        on_change=_remember(name, key),
        label_visibility="collapsed",
    )
    return chosen or default


def _words(options: Mapping[str, str]) -> Callable[[str], str]:
    return lambda option: options.get(option, option)


def _remember(name: str, key: str) -> Callable[[], None]:
    def remember() -> None:
        value = st.session_state.get(name)
        if value:
            st.query_params[key] = value
        elif key in st.query_params:
            del st.query_params[key]

    return remember
