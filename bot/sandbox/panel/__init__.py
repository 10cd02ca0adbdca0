"""Simulated upstream panels that deliver over time, misbehave on request and remember what they accepted."""

from bot.sandbox.panel.behaviours import BEHAVIOURS, STORY_ROOT, story_link
from bot.sandbox.panel.catalogue import NORTH, SOUTH, Service
from bot.sandbox.panel.control import Panels
from bot.sandbox.panel.simulator import Accepted, PanelSimulator

__all__ = [
    "BEHAVIOURS",
    "NORTH",
    "SOUTH",
    "STORY_ROOT",
    "Accepted",
    "PanelSimulator",
    "Panels",
    "Service",
    "story_link",
]
