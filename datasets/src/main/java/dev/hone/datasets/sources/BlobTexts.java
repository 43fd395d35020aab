package dev.hone.datasets.sources;

import dev.hone.datasets.pairs.MalformedPair;
import dev.hone.datasets.pairs.MalformedPair.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Texts that DuckDB read as bytes and wrote as it writes those: ASCII as it is, all else and the backslash as {@code \\xHH}. */
final class BlobTexts {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private boolean whole = true;

    private BlobTexts() {}

    /** The row with its texts, or a malformed one where one of them is not UTF-8. */
    static Row row(long number, JsonNode escaped) {
        ObjectNode object = NODES.objectNode();
        @Nullable String bad = null;
        for (Map.Entry<String, JsonNode> property : escaped.properties()) {
            BlobTexts texts = new BlobTexts();
            object.set(property.getKey(), texts.read(property.getValue()));
            bad = bad == null && !texts.whole ? property.getKey() : bad;
        }
        String text = object.toString();
        return bad == null
                ? Row.of(number, object, text)
                : Row.malformed(
                        number,
                        new MalformedPair(Kind.ENCODING, "the field " + bad + " is not UTF-8; write its text as UTF-8"),
                        text);
    }

    private JsonNode read(JsonNode node) {
        if (node.isString()) {
            return NODES.stringNode(text(bytes(node.asString())));
        }
        if (node.isArray()) {
            ArrayNode array = NODES.arrayNode();
            node.forEach(one -> array.add(read(one)));
            return array;
        }
        if (node.isObject()) {
            ObjectNode object = NODES.objectNode();
            for (Map.Entry<String, JsonNode> property : node.properties()) {
                object.set(property.getKey(), read(property.getValue()));
            }
            return object;
        }
        return node;
    }

    private String text(ByteBuffer bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.duplicate()).toString();
        } catch (CharacterCodingException e) {
            whole = false;
            return StandardCharsets.UTF_8.decode(bytes).toString();
        }
    }

    private static ByteBuffer bytes(String escaped) {
        byte[] all = escaped.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(all.length);
        for (int i = 0; i < all.length; i++) {
            if (all[i] == '\\' && i + 3 < all.length) {
                bytes.put((byte) (16 * HexFormat.fromHexDigit(all[i + 2]) + HexFormat.fromHexDigit(all[i + 3])));
                i += 3;
            } else {
                bytes.put(all[i]);
            }
        }
        return bytes.flip();
    }
}
