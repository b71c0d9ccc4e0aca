"""Puts the API's routes onto the application."""

from fastapi import FastAPI

from dashboard.house import House


def add_api(app: FastAPI, house: House) -> None: ...
