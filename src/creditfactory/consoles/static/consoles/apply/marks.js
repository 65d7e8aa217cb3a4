// What the device says of itself, as far as a page may ask: whether a program drives it, and whether it is one at all.
const SOFT = /swiftshader|llvmpipe|softpipe|software|basic render/i;
const EMULATOR = /android emulator|goldfish|ranchu|virtualbox|bluestacks|nox|vmware/i;
const DRIVERS = ['__playwright__binding__', '__pwInitScripts', '__nightmare', '_phantom', 'callPhantom', 'domAutomation',
  'domAutomationController', '__webdriver_evaluate', '__selenium_unwrapped', '__fxdriver_unwrapped', '_selenium', 'awesomium'];

export function readMarks() {
  const agent = navigator.userAgent;
  const painter = namePainter();
  const platform = namePlatform(agent);
  const isPhone = platform === 'android' || platform === 'ios';
  const windowless = outerWidth === 0 || outerHeight === 0;
  return {
    platform, browser: nameBrowser(agent), screen_pixels: screen.width * screen.height,
    cores: navigator.hardwareConcurrency ?? null, memory_gb: Math.round(navigator.deviceMemory ?? 0) || null,
    zone_minutes: -new Date().getTimezoneOffset(), language: navigator.language ?? null,
    is_automated: navigator.webdriver === true || DRIVERS.some((name) => name in window)
      || Object.keys(document).some((name) => /^\$?cdc_|^__driver|^__webdriver/.test(name)),
    is_headless: /headless/i.test(agent) || windowless || (navigator.languages?.length === 0),
    is_emulator: EMULATOR.test(painter) || EMULATOR.test(agent) || (isPhone && SOFT.test(painter)),
    has_camera: 'mediaDevices' in navigator, has_touch: navigator.maxTouchPoints > 0,
    canvas: drawMark(painter),
  };
}

function namePlatform(agent) {
  if (/harmony|openharmony/i.test(agent)) return 'harmony';
  if (/android/i.test(agent)) return 'android';
  if (/iphone|ipad|ipod/i.test(agent)) return 'ios';
  if (/windows/i.test(agent)) return 'windows';
  if (/mac os/i.test(agent)) return 'macos';
  return /linux|x11/i.test(agent) ? 'linux' : 'other';
}

function nameBrowser(agent) {
  const found = agent.match(/(MicroMessenger|Edg|OPR|Firefox|CriOS|Chrome|Version)\/(\d+)/);
  return found ? `${found[1]} ${found[2]}` : 'other';
}

function namePainter() {
  try {
    const gl = document.createElement('canvas').getContext('webgl');
    const more = gl?.getExtension('WEBGL_debug_renderer_info');
    return gl ? String(gl.getParameter(more ? more.UNMASKED_RENDERER_WEBGL : gl.RENDERER)) : '';
  } catch { return ''; }
}

function drawMark(painter) {
  try {
    const canvas = document.createElement('canvas');
    canvas.width = 120; canvas.height = 24;
    const pen = canvas.getContext('2d');
    pen.font = '14px sans-serif'; pen.fillStyle = '#07c'; pen.fillText('信贷工厂 Agl 09', 3, 17);
    pen.globalCompositeOperation = 'multiply'; pen.fillStyle = '#e90'; pen.fillRect(40, 4, 50, 12);
    const text = `${canvas.toDataURL()}|${painter}|${screen.width}x${screen.height}|${devicePixelRatio}`;
    let a = 0x811c9dc5; let b = 0x01000193;
    for (let i = 0; i < text.length; i += 1) { a = Math.imul(a ^ text.charCodeAt(i), 16777619); b = Math.imul(b ^ a, 2246822519); }
    return ((a >>> 0).toString(16) + (b >>> 0).toString(16)).slice(0, 16);
  } catch { return null; }
}
