package dev.jinrai.cli;

import java.util.Arrays;
import java.util.stream.Collectors;

/// Token ids on the command line: `15043,29892,2787`, which is also how they are printed.
final class TokenIds {
    private TokenIds() {}

    /// {@return the ids, which commas or white space part}
    ///
    /// @param what the option or argument, for the message
    static int[] parse(String what, String text) {
        String[] words = text.strip().split("[,\\s]+");
        int[] ids = new int[words.length];
        for (int i = 0; i < ids.length; i++) {
            try {
                ids[i] = Integer.parseUnsignedInt(words[i]);
            } catch (NumberFormatException e) {
                throw wrong(what, words[i]);
            }
            if (ids[i] < 0) {
                throw wrong(what, words[i]);
            }
        }
        return ids;
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
