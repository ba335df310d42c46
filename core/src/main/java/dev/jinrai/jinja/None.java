package dev.jinrai.jinja;

/// Python's `None`.
enum None {
    NONE
}
