// Microphone to a 16-bit mono WAV at 8 kHz, the telephone's own rate.
const RATE = 8000;

export class Microphone {
  async start() {
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    this.recorder = new MediaRecorder(this.stream);
    this.parts = [];
    this.recorder.addEventListener("dataavailable", (event) => this.parts.push(event.data));
    this.recorder.start();
  }

  async stop() {
    const ended = new Promise((done) => this.recorder.addEventListener("stop", done, { once: true }));
    this.cancel();
    await ended;
    return toWav(await new Blob(this.parts).arrayBuffer());
  }

  cancel() {
    this.recorder.stop();
    this.stream.getTracks().forEach((track) => track.stop());
  }
}

// Any audio the browser can read, as the WAV that the desk takes.
export async function toWav(bytes) {
  const context = new OfflineAudioContext(1, 1, RATE);
  const sound = await context.decodeAudioData(bytes);
  const offline = new OfflineAudioContext(1, Math.max(1, Math.ceil(sound.duration * RATE)), RATE);
  const source = offline.createBufferSource();
  source.buffer = sound;
  source.connect(offline.destination);
  source.start();
  return encode((await offline.startRendering()).getChannelData(0));
}

function encode(samples) {
  const view = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const text = (at, word) => [...word].forEach((c, n) => view.setUint8(at + n, c.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + samples.length * 2, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((s, n) => view.setInt16(44 + n * 2, Math.max(-1, Math.min(1, s)) * 32767, true));
  return view.buffer;
}
