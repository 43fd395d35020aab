package dev.hone.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NearestTest {

    @Test
    void theNearestNameIsMeant() {
        assertThat(Nearest.meant("mth", List.of("exact", "math", "logic"))).isEqualTo("did you mean \"math\"?");
        assertThat(Nearest.meant("gsm7k", List.of("gsm9k", "gsm8k"))).isEqualTo("did you mean \"gsm8k\"?");
    }

    @Test
    void whatIsFarFromAllNamesIsMeantByNone() {
        assertThat(Nearest.meant("nosuch", List.of("bbh", "svamp"))).isEmpty();
        assertThat(UserError.unknownName("benchmark", "nosuch", Set.of("svamp", "bbh")))
                .hasMessage("Unknown benchmark \"nosuch\"; use one of: bbh, svamp");
    }
}
