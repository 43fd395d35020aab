package dev.hone.datasets.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What each token of a vocabulary writes, in bytes. A tokenizer's decoder gives text alone, and a token may be a part of a
 * character.
 */
final class TokenBytes {
    private static final Pattern BYTE = Pattern.compile("<0x([0-9A-Fa-f]{2})>");

    /** Stands for a space in vocabularies of SentencePiece. */
    private static final String METASPACE = "\u2581";

    private enum Form {
        /** Each character stands for a byte, as in GPT-2 (Radford et al. 2019). */
        BYTE_LEVEL,
        /** Text with a sign for spaces; a byte that is in no token is one of its own, as {@code <0x0A>}. */
        METASPACE,
        TEXT,
        OTHER
    }

    private final @Nullable String[] pieces;
    private final Set<Integer> added;
    private final Form form;
    private final boolean byteFallback;

    /**
     * @param decoder of tokenizer.json
     * @param ids of all tokens, as the vocabulary writes them
     * @param added which of them were added to the vocabulary: these are texts as they are
     */
    TokenBytes(JsonNode decoder, Map<String, Integer> ids, Set<Integer> added) {
        this.pieces = new @Nullable
                String[ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1];
        ids.forEach((piece, id) -> pieces[id] = piece);
        this.added = Set.copyOf(added);
        this.form = form(decoder);
        this.byteFallback = decoder.toString().contains("\"ByteFallback\"");
    }

    private static Form form(JsonNode decoder) {
        if (decoder.path("type").asString("").equals("Sequence")) {
            Form form = Form.TEXT;
            for (JsonNode part : decoder.path("decoders")) {
                Form one = form(part);
                form = one == Form.TEXT ? form : one;
            }
            return form;
        }
        return switch (decoder.path("type").asString("")) {
            case "ByteLevel" -> Form.BYTE_LEVEL;
            case "Metaspace" -> Form.METASPACE;
            case "Replace" ->
                decoder.path("pattern").path("String").asString("").equals(METASPACE) ? Form.METASPACE : Form.OTHER;
            case "Fuse", "ByteFallback", "Strip" -> Form.TEXT;
            default -> Form.OTHER;
        };
    }

    /** Null where only the decoder knows. */
    byte @Nullable [] of(int token) {
        String piece = token < pieces.length ? pieces[token] : null;
        if (piece == null) {
            return null;
        }
        if (added.contains(token)) {
            return piece.getBytes(StandardCharsets.UTF_8);
        }
        Matcher one = BYTE.matcher(piece);
        if (byteFallback && one.matches()) {
            return new byte[] {(byte) Integer.parseInt(one.group(1), 16)};
        }
        return switch (form) {
            case BYTE_LEVEL -> unmapped(piece);
            case METASPACE -> piece.replace(METASPACE, " ").getBytes(StandardCharsets.UTF_8);
            case TEXT -> piece.getBytes(StandardCharsets.UTF_8);
            case OTHER -> null;
        };
    }

    /** Bytes that print stand for themselves; the others, in their order, for the characters from U+0100 on. */
    private static byte @Nullable [] unmapped(String piece) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(piece.length());
        for (int i = 0; i < piece.length(); i++) {
            int one = BYTE_LEVEL.indexOf(piece.charAt(i));
            if (one < 0) {
                return null;
            }
            bytes.write(one);
        }
        return bytes.toByteArray();
    }

    /** The character of each byte. */
    private static final String BYTE_LEVEL = byteLevel();

    private static String byteLevel() {
        StringBuilder characters = new StringBuilder();
        char next = 256;
        for (int one = 0; one < 256; one++) {
            boolean prints = (one >= '!' && one <= '~') || (one >= 0xA1 && one <= 0xAC) || one >= 0xAE;
            characters.append(prints ? (char) one : next++);
        }
        return characters.toString();
    }
}
