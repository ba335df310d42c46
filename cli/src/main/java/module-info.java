/// The program `jinrai`: runs a model, chats with it, looks into it.
///
/// Start reading at `dev.jinrai.cli.Main`. The vector module is not required but loaded:
/// `dev.jinrai.cli.VectorModule` says why.
module dev.jinrai.cli {
    requires dev.jinrai.core;
    requires info.picocli;
    requires jdk.unsupported; // sun.misc.Signal: the only way to hear Ctrl-C and go on
    requires tools.jackson.databind;

    opens dev.jinrai.cli to
            info.picocli;
}
