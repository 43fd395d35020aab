package dev.hone.datasets.curate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RulesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "What is 2+2? π ≤ 4 α→β",
                "Größe et façade",
                "12 + 30 = ?",
                "Translate the word 'дом' from this long English sentence, please."
            })
    void latinTextsAndFormulasStay(String prompt) {
        assertThat(new ScriptFilter(List.of("latin")).judge(pair(prompt, null))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Сколько будет два плюс два?", "二加二等于几？", "كم يساوي اثنان", "Hello 二加二等于几"})
    void otherScriptsGo(String prompt) {
        assertThat(new ScriptFilter(List.of("latin")).judge(pair(prompt, null))).isPresent();
        assertThat(new ScriptFilter(List.of("latin", "cyrillic", "han", "Arabic")).judge(pair(prompt, null)))
                .isEmpty();
    }

    @Test
    void unknownScriptsAreAnswered() {
        assertThatThrownBy(() -> new ScriptFilter(List.of("latn1")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("script \"latn1\", did you mean");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '§',
            value = {
                "I'm sorry, I can't help with that.|refusal",
                "As an AI language model, I do not|refusal",
                "Sorry but I cannot do that|refusal",
                "So \\boxed{\\frac{1}{2}|unfinished",
                "```python x = 1|unfinished",
                "a \uFFFD b|damaged",
                "a \u0007 b|damaged",
            })
    void damagedAndEmptyAnswersGo(String response, String rule) {
        assertThat(new QualityRules().judge(pair("Question", response)))
                .hasValueSatisfying(drop -> assertThat(drop.pair().metadata()).containsEntry("quality", rule));
    }

    @Test
    void repetitionIsCountedInRunsOfTenWords() {
        String sentence = "so we add the two numbers and get the next number of the row. ";
        assertThat(new QualityRules().judge(pair("Question", sentence.repeat(20))))
                .hasValueSatisfying(drop -> assertThat(drop.pair().metadata()).containsEntry("quality", "repetitive"));
        assertThat(new QualityRules().judge(pair("Question", sentence))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\\boxed{\\frac{1}{2}}",
                "```python\nx = 1\n```\nAnswer: 1",
                "The baker was sorry. I can't help noticing that 2+2=4.\r\n\tAnswer: 4",
                "1+1=2\n2+1=3\n3+1=4\n4+1=5\n5+1=6\n6+1=7\n7+1=8\n8+1=9\n9+1=10\n10+1=11"
            })
    void solutionsStay(String response) {
        assertThat(new QualityRules().judge(pair("Question", response))).isEmpty();
    }

    private static Pair pair(String prompt, @Nullable String response) {
        return new Pair("p", "math", prompt, "4", response, "math", Map.of());
    }
}
