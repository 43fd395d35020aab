package dev.hone.trainer.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.RecordComponent;
import org.junit.jupiter.api.Test;

class DeclarationsTest {

    private interface Shared {

        @Key(value = "Shared.", fallback = "1", min = 0)
        int as();

        @Key(value = "Shared.", fallback = "1", min = 0)
        int otherDefault();

        @Key(value = "Shared.", fallback = "1", min = 0)
        int other();
    }

    private record Section(
            int as,
            @Fallback("2") int otherDefault,
            @Key(value = "Own.", fallback = "3", max = 9) int other,
            int undocumented)
            implements Shared {}

    private static final RecordComponent[] SECTION = Section.class.getRecordComponents();

    @Test
    void aSectionHasAKeyAsOthersHaveIt() {
        assertThat(Declarations.key(SECTION[0]).value()).isEqualTo("Shared.");
        assertThat(Declarations.fallback(SECTION[0])).isEqualTo("1");
    }

    @Test
    void aSectionMayHaveAnotherDefault() {
        assertThat(Declarations.key(SECTION[1]).value()).isEqualTo("Shared.");
        assertThat(Declarations.fallback(SECTION[1])).isEqualTo("2");
    }

    @Test
    void aSectionMayDeclareASharedKeyAnew() {
        assertThat(Declarations.key(SECTION[2]).value()).isEqualTo("Own.");
        assertThat(Declarations.key(SECTION[2]).min()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(Declarations.fallback(SECTION[2])).isEqualTo("3");
    }

    @Test
    void aKeyThatNothingDescribesIsRefused() {
        assertThatThrownBy(() -> Declarations.key(SECTION[3]))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("undocumented has no @Key");
    }
}
