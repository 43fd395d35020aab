"""A process that answers each line of its standard input by a line of JSON."""

import json
import queue
import subprocess
import threading

START_SECONDS, ANSWER_SECONDS = 120, 60
# Starting takes the time of rows.
MOST_STARTS = 5


class Failed(Exception):
    """What was asked for was not done; the message says why."""


class Side:
    """One of the two that are measured. Ended by a fault, or by what it is asked not ending, it can be started again."""

    def __init__(self, name, command, ready):
        """ready: what to open whenever it starts."""
        self.name, self.command, self.ready = name, command, ready
        self.process, self.starts, self.ended = None, 0, f"{name} was not started"

    def start(self):
        """Starts the process unless it runs; what it says of itself and its rows."""
        if self.process is None:
            if self.starts == MOST_STARTS:
                raise Failed(f"{self.name} was started {MOST_STARTS} times; at last: {self.ended}")
            self.starts += 1
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self.lines = queue.Queue()
            threading.Thread(target=self.read, args=(self.process, self.lines), daemon=True).start()
            self.about = self.ask("rows", START_SECONDS)
            for what in self.ready:
                self.ask(f"open {what}")
        return self.about

    @staticmethod
    def read(process, lines):
        for line in process.stdout:
            if line.startswith("{"):
                lines.put(line)
            else:
                print(line, end="", flush=True)
        lines.put(None)

    def ask(self, request, seconds=ANSWER_SECONDS):
        if self.process is None:
            raise Failed(self.ended)
        try:
            print(request, file=self.process.stdin, flush=True)
            line = self.lines.get(timeout=seconds)
        except queue.Empty:
            self.stop(f"{self.name} did not answer in {seconds} s: {request}")
            raise Failed(self.ended) from None
        except BrokenPipeError:
            line = None
        if line is None:
            self.stop(f"{self.name} ended with {self.process.wait()}: {request}")
            raise Failed(self.ended)
        answer = json.loads(line)
        if "failure" in answer:
            if answer.get("lost"):
                self.stop(answer["failure"])
            raise Failed(answer["failure"])
        return answer

    def stop(self, why):
        """Ends the process; why: what it says when asked from now on."""
        self.ended = why
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
