/// The program `jinrai`: runs a model, chats with it, looks into it.
///
/// Start reading at `dev.jinrai.cli.Main`. The vector module is required here, so that core, which
/// can do without, finds it.
module dev.jinrai.cli {
    requires dev.jinrai.core;
    requires info.picocli;
    requires jdk.incubator.vector;
    requires jdk.unsupported; // sun.misc.Signal: the only way to hear Ctrl-C and go on
    requires tools.jackson.databind;

    opens dev.jinrai.cli to
            info.picocli;
}
