package dev.jinrai.gpu.kernels;

import java.util.Map;
import java.util.TreeMap;

/// The largest error of each kind that the tests of this JVM saw, printed at its end where `-Dkernels.errors=true`.
final class Errors {
    private static final Map<String, Double> LARGEST = new TreeMap<>();

    static {
        if (Boolean.getBoolean("kernels.errors")) {
            Runtime.getRuntime()
                    .addShutdownHook(
                            new Thread(() ->
                                    LARGEST.forEach((what, error) ->
                                            System.err.printf("%-40s %.3g%n", what, error))));
        }
    }

    private Errors() {}

    static void note(String what, double error) {
        LARGEST.merge(what, error, Math::max);
    }
}
