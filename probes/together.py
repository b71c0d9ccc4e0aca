"""Runs several things at once; when one of them ends the whole, none is left running behind."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

_Result = TypeVar("_Result")


async def together(what: Iterable[Coroutine[Any, Any, _Result]]) -> list[_Result]:
    """Returns the results in order; raises the first exception once all others are over."""
    tasks = [asyncio.ensure_future(one) for one in what]
    try:
        return list(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
