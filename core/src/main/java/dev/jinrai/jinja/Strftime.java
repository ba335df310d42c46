package dev.jinrai.jinja;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.IsoFields;
import java.util.Locale;

/// C's `strftime` in the C locale.
final class Strftime {
    private Strftime() {}

    static String format(LocalDateTime time, String format) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                text.append(c);
                continue;
            }
            char directive = format.charAt(++i);
            if (directive == '-' && i + 1 < format.length()) {
                text.append(field(time, format.charAt(++i)).replaceFirst("^0+(?=.)", ""));
            } else {
                text.append(field(time, directive));
            }
        }
        return text.toString();
    }

    private static String field(LocalDateTime time, char directive) {
        String pattern =
                switch (directive) {
                    case 'a' -> "EEE";
                    case 'A' -> "EEEE";
                    case 'b', 'h' -> "MMM";
                    case 'B' -> "MMMM";
                    case 'd' -> "dd";
                    case 'm' -> "MM";
                    case 'y' -> "yy";
                    case 'Y' -> "yyyy";
                    case 'H' -> "HH";
                    case 'I' -> "hh";
                    case 'M' -> "mm";
                    case 'S' -> "ss";
                    case 'f' -> "SSSSSS";
                    case 'p' -> "a";
                    case 'j' -> "DDD";
                    case 'F' -> "yyyy-MM-dd";
                    case 'T' -> "HH:mm:ss";
                    case 'R' -> "HH:mm";
                    case 'D', 'x' -> "MM/dd/yy";
                    case 'X' -> "HH:mm:ss";
                    default -> "";
                };
        if (!pattern.isEmpty()) {
            return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(time);
        }
        return switch (directive) {
            case '%' -> "%";
            case 'n' -> "\n";
            case 't' -> "\t";
            case 'e' -> "%2d".formatted(time.getDayOfMonth());
            case 'w' -> String.valueOf(time.getDayOfWeek().getValue() % 7);
            case 'u' -> String.valueOf(time.getDayOfWeek().getValue());
            case 'Z', 'z' -> "";
            case 'C' -> "%02d".formatted(time.getYear() / 100);
            case 'k' -> "%2d".formatted(time.getHour());
            case 'l' -> "%2d".formatted((time.getHour() + 11) % 12 + 1);
            case 'P' -> Texts.lower(field(time, 'p'));
            case 'r' -> format(time, "%I:%M:%S %p");
            case 's' -> String.valueOf(time.toEpochSecond(ZoneOffset.UTC));
            case 'U' -> week(time, time.getDayOfWeek().getValue() % 7);
            case 'W' -> week(time, time.getDayOfWeek().getValue() - 1);
            case 'V' -> "%02d".formatted(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case 'G' -> String.valueOf(time.get(IsoFields.WEEK_BASED_YEAR));
            case 'g' -> "%02d".formatted(time.get(IsoFields.WEEK_BASED_YEAR) % 100);
            case 'c' -> format(time, "%a %b ") + format(time, "%e ") + format(time, "%H:%M:%S %Y");
            default -> throw new Problem("strftime_now: unknown directive '%" + directive + "'");
        };
    }

    /// The number of the week in the year, whose first begins on its first `weekday` 0.
    private static String week(LocalDateTime time, int weekday) {
        return "%02d".formatted((time.getDayOfYear() + 6 - weekday) / 7);
    }
}
