package dev.jinrai.cli;

import java.util.Arrays;
import java.util.StringTokenizer;
import java.util.stream.Collectors;

/// Token ids on the command line: `15043,29892,2787`, which is also how they are printed.
final class TokenIds {
    private TokenIds() {}

    /// {@return the ids, which commas or white space part; at least one}
    ///
    /// @param what the option or argument, for the message
    static int[] parse(String what, String text) {
        var words = new StringTokenizer(text, ", \t\r\n");
        if (!words.hasMoreTokens()) {
            throw wrong(what, text);
        }
        int[] ids = new int[words.countTokens()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = id(what, words.nextToken());
        }
        return ids;
    }

    private static int id(String what, String word) {
        try {
            int id = Integer.parseInt(word);
            if (id >= 0) {
                return id;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw wrong(what, word);
    }

    private static UsageException wrong(String what, String word) {
        return new UsageException(
                "%s: wanted token ids such as 15043,29892,2787, got '%s'".formatted(what, word));
    }

    /// {@return `ids`, if each is in a vocabulary of `size` tokens}
    static int[] check(String what, int[] ids, int size) {
        for (int id : ids) {
            if (id >= size) {
                throw new UsageException(
                        "%s: wanted ids from 0 to %d, the model's last, got %d"
                                .formatted(what, size - 1, id));
            }
        }
        return ids;
    }

    static String format(int[] ids) {
        return Arrays.stream(ids).mapToObj(Integer::toString).collect(Collectors.joining(","));
    }
}
