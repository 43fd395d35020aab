package dev.hone.datasets.text;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Chat;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds what the assistant wrote in a rendered conversation, for templates that do not mark it. Turn <i>i</i> is what
 * the conversation up to and with message <i>i</i> has beyond the one before it with its generation prompt. Some templates
 * write a turn differently once it is no longer the last (Qwen3 drops its thinking): of what was added, the longest end
 * that stands in the whole conversation is taken.
 */
final class AssistantTurns {
    private final ChatTemplate template;
    private final Chat chat;
    private final String whole;

    /** @param whole the conversation, rendered without a generation prompt */
    AssistantTurns(ChatTemplate template, Chat chat, String whole) {
        this.template = template;
        this.chat = chat;
        this.whole = whole;
    }

    /** @throws UserError where a turn cannot be found */
    List<TextSpan> spans() {
        List<TextSpan> spans = new ArrayList<>();
        for (int i = 0; i < chat.messages().size(); i++) {
            if (chat.role(i).equals("assistant")) {
                spans.add(span(i));
            }
        }
        return spans;
    }

    private TextSpan span(int index) {
        String prompt = index == 0 ? "" : template.render(chat.until(index), true);
        String answered = template.render(chat.until(index + 1), false);
        int start = commonPrefix(prompt, whole);
        if (start < prompt.length()) {
            // The prompt opens a think block, say, that the finished turn does not have.
            String before = index == 0 ? "" : template.render(chat.until(index), false);
            start = Math.min(start, commonPrefix(prompt, answered));
            if (start < before.length()) {
                throw cannotFind(index);
            }
        }
        if (commonPrefix(answered, whole) < start) {
            throw cannotFind(index);
        }
        String added = answered.substring(start).stripTrailing();
        for (int cut = 0; cut < added.length(); cut++) {
            if (whole.startsWith(added.substring(cut), start)) {
                return new TextSpan(start, start + added.length() - cut);
            }
        }
        throw cannotFind(index);
    }

    private UserError cannotFind(int index) {
        return new UserError(
                "%s: cannot tell what the assistant wrote in message %d, because the template rewrites earlier"
                                .formatted(template.name(), index + 1)
                        + " turns; mark it in the template by {% generation %} and {% endgeneration %}");
    }

    static int commonPrefix(String a, String b) {
        int length = Math.min(a.length(), b.length());
        int i = 0;
        while (i < length && a.charAt(i) == b.charAt(i)) {
            i++;
        }
        return i;
    }
}
