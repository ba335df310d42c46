package dev.jinrai.cli;

import java.util.Locale;

/// The entry: arguments in, exit code out.
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        Locale.setDefault(Locale.ROOT); // numbers look the same everywhere
        VectorModule.load();
        System.exit(Program.run(Io.system(), arguments));
    }
}
