"""Names and words that the simulated people and items are made of."""

import numpy as np

CITIES: dict[str, tuple[tuple[float, float], ...]] = {
    "BR": ((-23.55, -46.63), (-22.91, -43.17), (-8.05, -34.88)),
    "DE": ((52.52, 13.41), (48.14, 11.58), (53.55, 9.99)),
    "IN": ((28.61, 77.21), (19.08, 72.88), (12.97, 77.59)),
    "JP": ((35.68, 139.69), (34.69, 135.50), (43.06, 141.35)),
    "KE": ((-1.29, 36.82), (-4.04, 39.67), (-0.09, 34.77)),
    "US": ((40.71, -74.01), (34.05, -118.24), (41.88, -87.63)),
}
"""Latitude and longitude in degrees of three cities a country, the largest first."""

COUNTRIES = tuple(CITIES)
CITY_COUNTRY = np.array([n for n, cities in enumerate(CITIES.values()) for _ in cities])
CITY_LOCATION = np.array([city for cities in CITIES.values() for city in cities])
CITY_WEIGHT = np.tile([0.5, 0.3, 0.2], len(CITIES)) / len(CITIES)

DEVICES = ("phone", "desktop", "tablet")
DEVICE_WEIGHT = (0.6, 0.3, 0.1)

WORDS: dict[str, tuple[str, ...]] = {
    "comedy": ("joke", "prank", "sketch", "parody", "laugh", "awkward", "standup", "silly"),
    "cooking": ("recipe", "bread", "curry", "oven", "spice", "soup", "grill", "dessert"),
    "fashion": ("outfit", "denim", "runway", "vintage", "sneaker", "fabric", "style", "tailor"),
    "fitness": ("workout", "squat", "stretch", "yoga", "muscle", "cardio", "marathon", "training"),
    "gaming": ("quest", "boss", "speedrun", "console", "arena", "loot", "pixel", "multiplayer"),
    "music": ("guitar", "chorus", "remix", "concert", "vinyl", "drummer", "melody", "album"),
    "nature": ("forest", "river", "bird", "garden", "mountain", "wildlife", "ocean", "storm"),
    "news": ("election", "market", "minister", "report", "strike", "summit", "court", "budget"),
    "science": ("planet", "experiment", "gene", "physics", "telescope", "robot", "fossil", "theory"),
    "sports": ("goal", "match", "league", "coach", "penalty", "final", "tournament", "derby"),
    "technology": ("phone", "code", "chip", "startup", "camera", "battery", "update", "software"),
    "travel": ("island", "flight", "hostel", "temple", "backpack", "border", "train", "beach"),
}
"""Words that titles of a genre are drawn from."""

GENRES = tuple(WORDS)
GENRE_WORDS = np.array(list(WORDS.values()))
COMMON_WORDS = np.array(
    ("best", "first", "great", "guide", "how", "inside", "little", "new", "secret", "story", "today", "why")
)
