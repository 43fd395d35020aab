package dev.hone.datasets.sources;

import dev.hone.datasets.pairs.MalformedPair;
import dev.hone.datasets.pairs.MalformedPair.Kind;
import dev.hone.datasets.pairs.PairJson;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/** The objects of one JSON array. Where its syntax breaks, nothing after can be told apart, and the file ends. */
final class JsonArrayRows implements Rows {
    private final JsonParser parser;
    private long line;

    JsonArrayRows(InputStream in) {
        this.parser = PairJson.mapper().createParser(in);
    }

    @Override
    public @Nullable Row next() throws IOException {
        try {
            JsonToken token = parser.nextToken();
            if (token == JsonToken.START_ARRAY && parser.streamReadContext().getNestingDepth() == 1) {
                token = parser.nextToken();
            }
            if (token == null || token == JsonToken.END_ARRAY) {
                return null;
            }
            line = parser.currentTokenLocation().getLineNr();
            JsonNode node = parser.readValueAsTree();
            return node.isObject()
                    ? Row.of(line, node, node.toString())
                    : Row.malformed(
                            line,
                            new MalformedPair(Kind.SYNTAX, "expected a JSON object in the array; remove the entry"),
                            node.toString());
        } catch (JacksonException e) {
            line = e.getLocation() == null ? line : e.getLocation().getLineNr();
            throw new IOException("not valid JSON (" + e.getOriginalMessage() + ")", e);
        }
    }

    @Override
    public long line() {
        return line;
    }

    @Override
    public void close() {
        parser.close();
    }
}
