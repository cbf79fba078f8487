"""French for our pages, a catalogue per room: the English phrase, then the French one (or singular and plural)."""
