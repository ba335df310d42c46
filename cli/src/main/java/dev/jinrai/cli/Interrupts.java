package dev.jinrai.cli;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;

/// Ctrl-C (SIGINT), for as long as somebody has a better answer to it than the end of the program.
///
/// Only `sun.misc.Signal` can hear a signal and live on. It is called by reflection because javac
/// has a warning for every mention of it that nothing turns off (JDK 25, `--release`).
final class Interrupts {
    private Interrupts() {}

    /// Until closed, a signal goes to the action. Closing brings back what was before.
    interface Watch extends AutoCloseable {
        @Override
        void close();
    }

    /// Runs `action`, on a thread of its own, at each signal.
    static Watch watch(Runnable action) {
        try {
            Class<?> signals = Class.forName("sun.misc.Signal");
            Class<?> handlers = Class.forName("sun.misc.SignalHandler");
            MethodHandle run =
                    MethodHandles.lookup()
                            .findVirtual(Runnable.class, "run", MethodType.methodType(void.class))
                            .bindTo(action);
            Object handler =
                    MethodHandleProxies.asInterfaceInstance(
                            handlers, MethodHandles.dropArguments(run, 0, signals));
            Object signal = signals.getConstructor(String.class).newInstance("INT");
            Method handle = signals.getMethod("handle", signals, handlers);
            Object before = handle.invoke(null, signal, handler);
            return () -> restore(handle, signal, before);
        } catch (ReflectiveOperationException e) {
            return () -> {}; // the JVM was started with -Xrs: Ctrl-C ends the program
        }
    }

    private static void restore(Method handle, Object signal, Object before) {
        try {
            handle.invoke(null, signal, before);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e); // it worked a moment ago
        }
    }
}
