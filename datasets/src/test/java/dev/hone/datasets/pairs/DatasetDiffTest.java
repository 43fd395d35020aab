package dev.hone.datasets.pairs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetDiffTest {
    private static final Pair A = new Pair("a", "math", "1+1", "2", "So 2", "math", Map.of("level", 1));
    private static final Pair B = new Pair("b", "math", "2+2", "4", null, "math", Map.of());
    private static final Pair C = new Pair("c", "math", "3+3", "6", null, "math", Map.of());

    @TempDir
    Path folder;

    @Test
    void tellsPairsApartByTheirIds() {
        Pair changed = new Pair("a", "math", "1+1", "3", null, "math", Map.of("level", 2));
        DatasetDiff diff = DatasetDiff.between(freeze(A, B), freeze(C, changed));

        assertThat(diff.same()).isZero();
        assertThat(diff.added()).containsExactly("c");
        assertThat(diff.removed()).containsExactly("b");
        assertThat(diff.changed()).isEqualTo(Map.of("a", List.of("answer", "response", "metadata")));
        assertThat(diff.toString())
                .contains(
                        "0 the same, 1 added, 1 removed, 1 changed",
                        "+ c\n",
                        "- b\n",
                        "~ a: answer, response, metadata");
    }

    @Test
    void theSameInAnotherOrderIsTheSame() {
        DatasetDiff diff = DatasetDiff.between(freeze(A, B, C), freeze(C, B, A));

        assertThat(diff.isEmpty()).isTrue();
        assertThat(diff.same()).isEqualTo(3);
        assertThat(diff.before()).isNotEqualTo(diff.after());
    }

    private FrozenDataset freeze(Pair... pairs) {
        return FrozenDataset.freeze(folder, "math", List.of(pairs), Map.of());
    }
}
