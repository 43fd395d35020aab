package dev.hone.trainer.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class StopStringsTest {

    @Test
    void stopStringsAreFoundAcrossPieces() {
        StopStrings stops = new StopStrings(List.of("END", "###"));
        assertThat(stops.add("a E")).isEqualTo("a ");
        assertThat(stops.add("N")).isEmpty();
        assertThat(stops.add("X ##")).isEqualTo("ENX ");
        assertThat(stops.add("# more")).isEmpty();
        assertThat(stops.stopped()).isTrue();
        assertThat(stops.end()).isEmpty();
        StopStrings open = new StopStrings(List.of("END"));
        assertThat(open.add("EN") + open.end()).isEqualTo("EN");
    }
}
