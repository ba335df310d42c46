package dev.jinrai.cli;

/// Ctrl-C (SIGINT), for as long as somebody has a better answer to it than the end of the program.
@SuppressWarnings("sunapi") // java.base has no way to hear a signal and live on
final class Interrupts {
    private Interrupts() {}

    /// Until closed, a signal goes to the action. Closing brings back what was before.
    interface Watch extends AutoCloseable {
        @Override
        void close();
    }

    /// Runs `action`, on a thread of its own, at each signal.
    static Watch watch(Runnable action) {
        var signal = new sun.misc.Signal("INT");
        try {
            var before = sun.misc.Signal.handle(signal, ignored -> action.run());
            return () -> sun.misc.Signal.handle(signal, before);
        } catch (IllegalArgumentException e) { // the JVM was started with -Xrs
            return () -> {};
        }
    }
}
