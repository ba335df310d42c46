package dev.jinrai.jinja;

import java.util.List;

/// What `keys()`, `values()` and `items()` of a dict give.
///
/// @param type Python's name of it
record View(String type, List<Object> items) {}
