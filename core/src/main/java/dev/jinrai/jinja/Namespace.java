package dev.jinrai.jinja;

import java.util.LinkedHashMap;
import java.util.Map;

/// `namespace(…)`: the one thing a template can change.
final class Namespace {
    final Map<String, Object> fields = new LinkedHashMap<>();
}
