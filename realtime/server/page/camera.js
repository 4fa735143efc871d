// Camera, microphone and loudspeaker: how they are opened, listed and what is said when they fail.

export class CameraError extends Error {}

const ERRORS = {
  NotAllowedError: "The camera was not allowed. Allow it for this page – beside the address, or in the browser's settings – and try again.",
  NotFoundError: "No camera was found. Connect one and try again.",
  NotReadableError: "The camera is in use by another program. Close that one and try again.",
  OverconstrainedError: "That camera is not there any more. Choose another under Devices and try again.",
};

export const INSECURE = "A browser gives a camera only to pages from https or localhost, and this page is neither. "
  + "Open it by its https address, or on the server's own machine as http://localhost.";

export function canFilm() {
  return window.isSecureContext && Boolean(navigator.mediaDevices?.getUserMedia);
}

/** Open the camera and, where there is one and it is wanted, the microphone. */
export async function openDevices({ camera, microphone, size }) {
  if (!canFilm()) throw new CameraError(INSECURE);
  const video = filming(camera, size);
  if (microphone === "none") return open({ video });
  try {
    return await open({ video, audio: hearing(microphone) });
  } catch (error) {
    if (!(await mayBeTheMicrophone(error.cause))) throw error;
  }
  return open({ video });
}

/** Open one kind anew, "video" or "audio". */
export async function openOne(kind, { camera, microphone, size }) {
  const stream = await open(kind === "video" ? { video: filming(camera, size) } : { audio: hearing(microphone) });
  return stream.getTracks()[0];
}

/** List what there is: [{kind, id, name}], named as far as the browser tells. */
export async function listDevices() {
  const counts = {};
  const found = await navigator.mediaDevices.enumerateDevices();
  return found.filter(({ deviceId }) => deviceId).map(({ kind, deviceId, label }) => {
    counts[kind] = (counts[kind] ?? 0) + 1;
    return { kind, id: deviceId, name: label || `${{ videoinput: "Camera", audioinput: "Microphone", audiooutput: "Loudspeaker" }[kind]} ${counts[kind]}` };
  });
}

function filming(camera, size) {
  const [width, height] = size.split("x").map(Number);
  const video = { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: 30 } };
  return camera ? { ...video, deviceId: { exact: camera } } : video;
}

function hearing(microphone) {
  const audio = { echoCancellation: true, noiseSuppression: false, autoGainControl: false };
  return microphone ? { ...audio, deviceId: { exact: microphone } } : audio;
}

async function open(wanted) {
  try {
    return await navigator.mediaDevices.getUserMedia(wanted);
  } catch (error) {
    throw new CameraError(ERRORS[error.name] ?? `The camera could not be opened: ${error.message}.`, { cause: error });
  }
}

/** Whether the same call might do without sound. */
async function mayBeTheMicrophone(error) {
  if (error.name === "NotFoundError" || error.name === "OverconstrainedError") return true;
  if (error.name !== "NotAllowedError") return false;
  try { // asking again would be a second prompt, unless the camera's answer is known to be yes
    return (await navigator.permissions.query({ name: "camera" })).state === "granted";
  } catch {
    return false;
  }
}
