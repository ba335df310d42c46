package dev.jinrai.jinja;

/// Text that `safe` or `escape` made: what is added to it with `+` is escaped, as in markupsafe.
record Markup(String text) {
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace(">", "&gt;")
                .replace("<", "&lt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
    }
}
