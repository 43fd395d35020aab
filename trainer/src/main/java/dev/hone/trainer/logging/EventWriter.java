package dev.hone.trainer.logging;

import tools.jackson.databind.JsonNode;

/** Takes the events of a run as they happen. It neither stops nor slows the run, whatever becomes of what it writes to. */
public interface EventWriter extends AutoCloseable {

    /** @param event a line of events.jsonl */
    void write(JsonNode event);

    @Override
    void close();
}
