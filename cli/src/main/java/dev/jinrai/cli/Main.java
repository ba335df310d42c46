package dev.jinrai.cli;

/// The entry: arguments in, exit code out.
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(Program.run(Io.system(), arguments));
    }
}
