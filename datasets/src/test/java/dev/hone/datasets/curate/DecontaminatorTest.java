package dev.hone.datasets.curate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.curate.Dropped.Reason;
import dev.hone.datasets.pairs.Pair;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DecontaminatorTest {
    private static final List<String> BENCHMARK =
            List.of("Natalia sold clips to 48 of her friends in April. How many?", "What is 17 + 25?\n");

    @Test
    void dropsPromptsOfTheBenchmarkWhateverTheirCaseAndSpacing() {
        Selection selection = new Decontaminator(BENCHMARK, 0)
                .filter(Prompts.pairs(
                        "what is  17 + 25?", "What is 17 + 26?\n", "NATALIA sold clips to 48 of her friends"));

        assertThat(selection.dropped()).extracting(drop -> drop.pair().id()).containsExactly("0");
        assertThat(selection.dropped()).extracting(Dropped::reason).containsOnly(Reason.CONTAMINATED);
        assertThat(selection.kept()).extracting(Pair::id).containsExactly("1", "2");
    }

    @Test
    void dropsPromptsThatShareSoManyWordsInARow() {
        Decontaminator decontaminator = new Decontaminator(BENCHMARK, 6);

        Selection selection = decontaminator.filter(Prompts.pairs(
                "Yesterday natalia SOLD clips, to 48 of them.",
                "Natalia sold clips to 48 people of hers.",
                "to 48 of her friends in May"));

        // Six in a row: "natalia sold clips to 48 of", none, "to 48 of her friends in".
        assertThat(selection.dropped()).extracting(drop -> drop.pair().id()).containsExactly("0", "2");
        assertThat(selection.dropped().get(0).pair().metadata())
                .containsEntry("shared_words", "natalia sold clips to 48 of")
                .containsEntry("contaminated_by", "natalia sold clips to 48 of her friends in april. how many?");
    }

    @Test
    void looksIntoResponsesToo() {
        Pair leak = new Pair(
                "leak", "math", "Other", "1", "As in: Natalia sold clips to 48 of her friends", "math", Map.of());

        assertThat(new Decontaminator(BENCHMARK, 6).filter(List.of(leak)).kept())
                .isEmpty();
        assertThat(new Decontaminator(BENCHMARK, 0).filter(List.of(leak)).kept())
                .containsExactly(leak);
    }

    @Test
    void aBenchmarkProblemShorterThanTheRunOfWordsIsStillFoundWhole() {
        assertThat(new Decontaminator(BENCHMARK, 13)
                        .filter(Prompts.pairs("What is 17 + 25?"))
                        .kept())
                .isEmpty();
    }

    @Test
    void aWholeShortProblemIsFoundWithinAnotherText() {
        List<Pair> pairs = Prompts.pairs(
                "Question: Natalia sold clips to 48 of her friends in April. How many?\nAnswer:",
                "Natalia sold clips to 48 of her friends in April, and how much did she earn?",
                "Easy: what is 17 + 25? Show all.");

        Selection selection = new Decontaminator(BENCHMARK, 13).filter(pairs);

        assertThat(selection.dropped()).extracting(drop -> drop.pair().id()).containsExactly("0");
        assertThat(selection.dropped().get(0).pair().metadata())
                .containsEntry("shared_words", "natalia sold clips to 48 of her friends in april how many");
    }

    @Test
    void aProblemWhoseFormulasAreWrittenOtherwiseIsFoundWholeAndInPart() {
        Decontaminator decontaminator = new Decontaminator(
                List.of("Let $x,y$ be positive with $\\log_2\\left({x \\over yz}\\right) = {1 \\over 2}$ and"
                        + " $\\angle ABC = 60^{\\circ}$. Find $x^{2}y$."),
                13);

        Selection selection = decontaminator.filter(Prompts.pairs(
                "Let x,y be positive with \\(\\log_{2}\\left(\\dfrac{x}{yz}\\right)=\\tfrac12\\) and ∠ABC = 60°. Find x²y.",
                "Solve this. Let \\(x, y\\) be positive with \\[\\log_2 \\frac{x}{yz} = 1/2\\] and so on",
                "Let x and y be positive with log 3 of it"));

        assertThat(selection.dropped()).extracting(drop -> drop.pair().id()).containsExactly("0", "1");
    }

    @Test
    void refusesNegativeRuns() {
        assertThatThrownBy(() -> new Decontaminator(BENCHMARK, -1)).hasMessageContaining("must not be negative");
    }
}
