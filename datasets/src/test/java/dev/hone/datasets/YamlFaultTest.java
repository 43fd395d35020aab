package dev.hone.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamReadException;

/** Of messages as SnakeYAML gives them; the tests of recipes have it read broken files. */
class YamlFaultTest {

    @Test
    void namesTheLineToPutRightAndWhatIsWrongThere() {
        assertThat(fault("""
                        while parsing a flow sequence
                         in reader, line 1, column 4:
                            a: [1
                               ^
                        expected ',' or ']', but got :
                         in reader, line 2, column 2:
                            b: 2
                             ^
                        """)).isEqualTo(new YamlFault(2, "expected ',' or ']', but got :"));
        assertThat(fault("""
                        while scanning for the next token
                        found character '@' that cannot start any token.
                         in reader, line 3, column 4:
                            a: @x
                               ^
                        """)).isEqualTo(new YamlFault(3, "found character '@' that cannot start any token."));
    }

    /** As Jackson says it. */
    @Test
    void takesThePlaceOfAMessageThatNamesNone() {
        assertThat(fault("Duplicate Object property \"a\""))
                .isEqualTo(new YamlFault(7, "Duplicate Object property \"a\""));
    }

    private static YamlFault fault(String message) {
        return YamlFault.of(new StreamReadException(null, message, new TokenStreamLocation(null, -1, 7, 1)));
    }
}
