package dev.hone.datasets.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Chat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which tokens of a conversation carry loss. */
class AssistantMaskTest {
    private static final Path TEMPLATES = Path.of("src/test/resources/dev/hone/datasets/text/templates");
    private static final Chat TWO_TURNS = Chat.of(List.of(
            Chat.message("system", "Be brief."),
            Chat.message("user", "What is 2+2? 🙂"),
            Chat.message("assistant", "<think>\neasy\n</think>\n\nFour 🙂."),
            Chat.message("user", "Sure?"),
            Chat.message("assistant", "Yes.")));

    @Test
    void turnsAreFoundWithoutTags() {
        assertThat(learned("smollm2", TWO_TURNS))
                .containsExactly("<think>\neasy\n</think>\n\nFour 🙂.<|im_end|>", "Yes.<|im_end|>");
        assertThat(learned("phi4", TWO_TURNS))
                .containsExactly("<think>\neasy\n</think>\n\nFour 🙂.<|im_end|>", "Yes.<|im_end|>");
    }

    @Test
    void aTurnThatIsRewrittenLaterIsFoundAsItStands() {
        assertThat(learned("qwen3", TWO_TURNS))
                .containsExactly("Four 🙂.<|im_end|>", "<think>\n\n</think>\n\nYes.<|im_end|>");
    }

    @Test
    void aPromptThatOpensAThinkBlockIsNoHindrance() {
        assertThat(learned("deepseek_r1_distill", TWO_TURNS))
                .containsExactly("\n\nFour 🙂.<｜end▁of▁sentence｜>", "Yes.<｜end▁of▁sentence｜>");
    }

    @Test
    void aTemplateWithoutGenerationPromptServes() {
        Chat chat = Chat.of(TWO_TURNS.messages().subList(1, 5));
        assertThat(learned("mistral", chat)).containsExactly("<think>\neasy\n</think>\n\nFour 🙂.</s>", "Yes.</s>");
    }

    @Test
    void tagsSayWhatIsLearned() {
        assertThat(learned("llama3_training", TWO_TURNS))
                .containsExactly("<think>\neasy\n</think>\n\nFour 🙂.<|eot_id|>", "Yes.<|eot_id|>");
    }

    @Test
    void aRewritingTemplateIsRefusedByName() {
        String template = "{% for m in messages %}{{ messages | length }}{{ m.content }}{% endfor %}";
        try (ChatTemplate rewriting = ChatTemplate.of(template, Map.of())) {
            String whole = rewriting.render(TWO_TURNS, false);
            assertThatThrownBy(() -> new AssistantTurns(rewriting, TWO_TURNS, whole).spans())
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("message 3")
                    .hasMessageContaining("{% generation %}");
        }
    }

    @Test
    void tokensThatOverlapATurnCarryLoss() {
        Path tokenizerJson = Path.of("../recipes/gsm8k/tokenizer.json");
        try (Tokenizer tokenizer = Tokenizer.read(tokenizerJson);
                ChatTemplate template = ChatTemplate.read(TEMPLATES.resolve("smollm2.jinja"))) {
            TokenizedPair pair = template.tokenize(tokenizer, "chat", TWO_TURNS, LossMask.ASSISTANT);
            String text = template.render(TWO_TURNS, false);
            assertThat(pair.tokens()).isEqualTo(tokenizer.encode(text));
            assertThat(learnedText(tokenizer, pair))
                    .contains("easy", "Four 🙂.", "Yes.")
                    .doesNotContain("Be brief", "2+2", "Sure");
        }
    }

    private static String learnedText(Tokenizer tokenizer, TokenizedPair pair) {
        List<Integer> tokens = new ArrayList<>();
        for (int i = 0; i < pair.length(); i++) {
            if (pair.learned()[i]) {
                tokens.add(pair.tokens()[i]);
            }
        }
        return tokenizer.decode(tokens.stream().mapToInt(Integer::intValue).toArray());
    }

    private static List<String> learned(String name, Chat chat) {
        Map<String, String> tokens = Map.of("bos_token", "<s>", "eos_token", "</s>");
        try (ChatTemplate template =
                ChatTemplate.of(ChatTemplateParityTest.read(TEMPLATES.resolve(name + ".jinja")), tokens)) {
            ChatTemplate.Rendered rendered = template.rendered(chat, false);
            List<TextSpan> spans = rendered.generated().isEmpty()
                    ? new AssistantTurns(template, chat, rendered.text()).spans()
                    : rendered.generated();
            return spans.stream()
                    .map(span -> rendered.text().substring(span.start(), span.end()))
                    .toList();
        }
    }
}
