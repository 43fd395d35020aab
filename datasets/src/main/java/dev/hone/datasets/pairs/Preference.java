package dev.hone.datasets.pairs;

import org.jspecify.annotations.Nullable;

/**
 * A prompt with two responses, one of them better: one line of a JSONL file, as TRL's explicit prompt format.
 *
 * @param id the file's name and the line
 * @param prompt the text given to the model, up to and including its separator
 * @param chat the prompt as a conversation; null where it is none
 */
public record Preference(
        String id,
        String prompt,
        String chosen,
        String rejected,
        @Nullable Chat chat) {

    /** A preference whose prompt is no conversation. */
    public Preference(String id, String prompt, String chosen, String rejected) {
        this(id, prompt, chosen, rejected, null);
    }

    /** What the responses answer. */
    public Asked asked() {
        return new Asked(prompt, chat);
    }
}
