package dev.hone.datasets.pairs;

import org.jspecify.annotations.Nullable;

/**
 * What a model is to answer.
 *
 * @param text as a model without a chat template sees it
 * @param chat the same as a conversation; null where it is none
 */
public record Asked(String text, @Nullable Chat chat) {

    /** A text alone. */
    public static Asked of(String text) {
        return new Asked(text, null);
    }

    /** The same for what is asked in the same words, and no other. */
    public String identity() {
        return chat == null ? text : text + "\n" + PairJson.mapper().writeValueAsString(chat);
    }

    /**
     * The messages to answer: those of the conversation, or the text as the user's. The white space it ends with
     * separates it from an answer in plain text and is no part of the message.
     */
    public Chat messages() {
        return chat != null ? chat : Chat.user(text.stripTrailing());
    }
}
