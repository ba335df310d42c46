package dev.jinrai.jinja;

/// Something a template can call.
@FunctionalInterface
interface Function {
    Object call(Args args);
}
