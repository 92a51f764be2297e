# The app in a container, on the CPU by default:
#   docker build -t triad . && docker run -p 7860:7860 triad
# With a GPU: docker build --build-arg TORCH_INDEX=https://pypi.org/simple -t triad . && docker run --gpus all ...
FROM python:3.12-slim

RUN useradd --create-home --uid 1000 triad
USER triad
ENV PATH=/home/triad/.local/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    GRADIO_SERVER_NAME=0.0.0.0 GRADIO_ANALYTICS_ENABLED=False
WORKDIR /home/triad/app

ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY --chown=triad requirements.txt .
RUN pip install --no-cache-dir --user --extra-index-url ${TORCH_INDEX} -r requirements.txt
COPY --chown=triad . .

EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD \
    ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:7860/health', timeout=4)"]
CMD ["python", "app.py", "--port", "7860"]
