package dev.jinrai.cli;

import java.util.ArrayList;
import java.util.List;

/// Rows of cells, printed in columns. Numbers stand at the right of their column.
final class Table {
    private final List<String[]> rows = new ArrayList<>();
    private final String rightAligned;

    /// @param alignment a letter for each column, `l` or `r`
    Table(String alignment) {
        rightAligned = alignment;
    }

    /// Adds a row; there are as many cells as columns. What does not print is escaped.
    Table row(Object... cells) {
        var row = new String[cells.length];
        for (int i = 0; i < row.length; i++) {
            row[i] = Printable.line(cells[i].toString());
        }
        rows.add(row);
        return this;
    }

    /// Prints the rows, each after two spaces.
    void print(Output out) {
        int[] widths = new int[rightAligned.length()];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], length(row[i]));
            }
        }
        for (String[] row : rows) {
            var line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                String space = " ".repeat(widths[i] - length(row[i]));
                line.append("  ");
                line.append(rightAligned.charAt(i) == 'r' ? space + row[i] : row[i] + space);
            }
            out.println(line.toString().stripTrailing());
        }
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}
