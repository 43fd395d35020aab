package dev.hone.trainer.cli;

import dev.hone.trainer.run.ChatUse;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How prompts are written for a model that has a chat template. */
final class ChatArguments {

    @Option(
            names = "--apply-chat-template",
            paramLabel = "WHICH",
            description = "auto: all prompts, where the model has a template; messages: conversations only; never."
                    + " Default: of a run, what its recipe says; else auto.")
    private @Nullable Which which;

    @Option(
            names = "--chat-template",
            paramLabel = "FILE",
            description = "A chat template to use instead of the model's own.")
    private @Nullable Path template;

    /** Named as they are written on the command line. */
    private enum Which {
        auto,
        messages,
        never
    }

    /** @param folder the model's */
    ChatUse use(Path folder) {
        ChatUse trained = ChatUse.asTrained(folder);
        return new ChatUse(template, which == null ? trained.apply() : which.name(), trained.date());
    }
}
