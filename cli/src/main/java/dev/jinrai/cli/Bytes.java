package dev.jinrai.cli;

/// Sizes as people read them: `7.0 MiB`.
final class Bytes {
    private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private Bytes() {}

    static String of(long bytes) {
        if (bytes < 1024) {
            return bytes + " bytes";
        }
        double size = bytes / 1024.0;
        int unit = 0;
        while (size >= 1024) {
            size /= 1024;
            unit++;
        }
        return "%.1f %s".formatted(size, UNITS[unit]);
    }
}
